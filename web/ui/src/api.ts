/** Requests to /api/v1 as this session; a refusal is a sentence. */
import { maybe, t } from "./words.ts";

export class Refusal extends Error {}

let touched: () => void = () => {};
/** Each request keeps the session alive: whoever watches its end is told. */
export function onRequest(listener: () => void): void {
  touched = listener;
}

const csrf = (): string => document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";

export async function read<T>(path: string): Promise<T> {
  return (await (await request("GET", path)).json()) as T;
}

export async function send(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<void> {
  await request(method, path, body);
}

async function request(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { "X-CSRF-Token": csrf(), Accept: "application/json" };
  const init: RequestInit = { method, headers };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch {
    throw new Refusal(t("app.offline"));
  }
  if (!response.ok) throw new Refusal(await sentence(response));
  touched();
  return response;
}

async function sentence(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { type: string; title: string; detail?: string };
    const id = problem.type.split(":").pop() ?? "";
    return maybe(`app.problem.${id}`, problem.detail || problem.title);
  } catch {
    return String(response.status);
  }
}
