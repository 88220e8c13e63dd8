// Talks to the gateway this page came from.

const keyName = 'xllm.key';

/** The API key of this browser; '' = none. */
export const apiKey = {
  get: () => localStorage.getItem(keyName) ?? '',
  set: value => (value ? localStorage.setItem(keyName, value) : localStorage.removeItem(keyName)),
};

/** The gateway answered with an error: its message, status and type. */
export class ApiError extends Error {
  constructor(message, status, type) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

function headers(extra = {}) {
  const key = apiKey.get();
  return key ? { ...extra, authorization: `Bearer ${key}` } : extra;
}

async function failure(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Not one of our errors; the status has to do.
  }
  const error = body?.error;
  return new ApiError(error?.message ?? `${response.status} ${response.statusText}`, response.status, error?.type);
}

export async function getJson(path, signal) {
  const response = await fetch(path, { headers: headers(), signal });
  if (!response.ok) throw await failure(response);
  return response.json();
}

export async function getText(path, signal) {
  const response = await fetch(path, { headers: headers(), signal });
  if (!response.ok) throw await failure(response);
  return response.text();
}

export async function getBlob(path) {
  const response = await fetch(path, { headers: headers() });
  if (!response.ok) throw await failure(response);
  return response.blob();
}

/** Sends `body` as JSON, when there is one, and gives the answer's JSON. */
export async function send(method, path, body) {
  const response = await fetch(path, body === undefined
    ? { method, headers: headers() }
    : { method, headers: headers({ 'content-type': 'application/json' }), body: JSON.stringify(body) });
  if (!response.ok) throw await failure(response);
  return response.json();
}

/** Sends a file as a form with `fields`. */
export async function upload(path, file, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file, file.name);
  const response = await fetch(path, { method: 'POST', headers: headers(), body: form });
  if (!response.ok) throw await failure(response);
  return response.json();
}

/** Posts `body` and yields each event's JSON until `[DONE]`. Throws ApiError, also for an error inside the stream. */
export async function* stream(path, body, signal) {
  const response = await fetch(path, {
    method: 'POST',
    headers: headers({ 'content-type': 'application/json' }),
    body: JSON.stringify({ ...body, stream: true }),
    signal,
  });
  if (!response.ok) throw await failure(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new ApiError('The stream broke off.', 0, 'broken_stream');
    rest += value;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end).trimEnd();
      rest = rest.slice(end + 1);
      if (!line.startsWith('data:')) continue;
      const data = line.slice(5).trim();
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new ApiError(chunk.error.message, 0, chunk.error.type);
      yield chunk;
    }
  }
}
