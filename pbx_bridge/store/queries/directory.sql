-- name: terminals
SELECT id, extension, endpoint, language, outside FROM terminal ORDER BY id;

-- name: service_numbers
SELECT number FROM dial_number WHERE function IN ('sign-in', 'sign-out');

-- name: numbering
SELECT country_code, trunk_prefix, international_prefixes FROM numbering;

-- name: agents
SELECT id, login, name FROM account WHERE active AND dial_id IS NOT NULL ORDER BY id;

-- name: centers
SELECT id, name, extension, number, wrap_up_seconds, service_level_seconds, priority, recording, strategy,
       ARRAY(SELECT n.number FROM dial_number n WHERE n.center = center.id ORDER BY n.number) AS numbers
FROM center WHERE active ORDER BY id;

-- name: members
SELECT m.center, m.agent, m.penalty
FROM center_member m JOIN account a ON a.id = m.agent AND a.active AND a.dial_id IS NOT NULL
ORDER BY m.center, m.agent;

-- name: jobs
SELECT id, campaign, name, mode, rule, caller_number, caller_name, trunk, wrap_up_seconds, recording
FROM call_job ORDER BY id;

-- name: job_members
SELECT m.job, m.agent
FROM job_member m JOIN account a ON a.id = m.agent AND a.active AND a.dial_id IS NOT NULL
ORDER BY m.job, m.agent;

-- name: statuses
SELECT key, digit, ja, en, productive, max_seconds FROM status_definition ORDER BY digit;
