// Looks at something again and again while its view is shown.

/**
 * Calls `look(signal)` every `period` milliseconds, never twice at once and not while the page is hidden. Gives a function that ends it.
 * What `look` throws goes to `failed`.
 */
export function poll(look, period, failed) {
  const ended = new AbortController();
  let timer = 0;
  const turn = async () => {
    if (!document.hidden) {
      try {
        await look(ended.signal);
      } catch (error) {
        if (!ended.signal.aborted) failed(error);
      }
    }
    if (!ended.signal.aborted) timer = setTimeout(turn, period);
  };
  turn();
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}
