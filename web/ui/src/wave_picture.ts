/** What there is to draw of a call, and where it stands. All times are the recording's seconds: what came before is negative. */
import type { Peaks, Stretch } from "./peaks.ts";

/** A stretch of the story. */
export interface Segment { kind: string; start: number; end: number }
/** Within the story: the recording was paused, or somebody monitored. */
export interface Span { kind: string; start: number; end: number }
/** A moment: where the call was handed to. */
export interface Transfer { kind: string; at: number; to: string }
/** Somebody's note at a moment. */
export interface Pin { id: string; at: number; note: string }

export interface Picture {
  from: number; to: number; begins: number; ends: number;
  segments: Segment[]; spans: Span[]; transfers: Transfer[]; pins: Pin[]; chosen: string;
  peaks: Peaks | null; gains: [number, number]; turns: Turns | null;
  cursor: number; selection: Stretch | null; hover: number | null;
}

/** Who talks when. */
export interface Turns { lanes: [Stretch[], Stretch[]]; both: Stretch[] }

export const STORY_TOP = 2;
export const STORY_HEIGHT = 22;
export const AXIS_TOP = 40;
export const LANES: [number, number] = [96, 192];
export const HALF = 44;
/** Where a pin's head is held. */
export const PIN_TOP = 248;
export const PIN = 8;
/** How near the pointer must be to a handle. */
export const HANDLE = 8;
