// The stream of messages that Gradio listens to while something runs. If its connection is lost,
// what runs goes on, and this asks for the bytes that are missing
// (page/server/reconnecting/lines.py), so that Gradio doesn't notice: it would give up, and load the
// page again.

{
  const SILENT_MS = 40_000; // the server says something every 15 s
  const ANSWER_MS = 5_000;
  const WAITS_MS = [0, 500, 1000, 2000]; // between attempts, the last again and again
  const SAID_AFTER_MS = 1000; // nobody needs to know of a shorter interruption
  const SAID_MS = 6000;
  const ask = window.fetch;
  let received = 0; // bytes of all streams of this page, one after the other

  const status = document.createElement("div");
  status.id = "line";
  status.role = "status";
  document.body.append(status);
  let later = null;

  /** A sentence, after a while, and an empty one some time after that. */
  function say(key, after_ms, for_ms) {
    clearTimeout(later);
    later = setTimeout(() => {
      status.textContent = key ? LINE[language() === "en" ? "en" : "zh"][key] : "";
      if (for_ms) say("", for_ms);
    }, after_ms);
  }

  /** Until this time has passed, or the network is back. */
  function pause(ms) {
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
      addEventListener("online", resolve, { once: true });
    });
  }

  /** The bytes of a stream, over as many connections as it takes: for a ReadableStream. */
  class Bytes {
    #request;
    #url;
    #connection; // its AbortController
    #reader;

    constructor(request) {
      this.#request = request;
      this.#url = new URL(request.url);
      this.#url.searchParams.set("line", "next");
      request.signal.addEventListener("abort", () => this.hangUp());
    }

    async open() {
      const response = await this.#connect().catch(() => this.#look());
      if (!response) throw this.#request.signal.reason;
      this.#url.searchParams.set("line", "again");
      const { status, headers } = response;
      // without room, so that what was received was read
      const bytes = new ReadableStream(this, { highWaterMark: 0 });
      return new Response(bytes, { status, headers });
    }

    async pull(controller) {
      const { signal } = this.#request;
      try {
        const { done, value } = await this.#within(SILENT_MS, this.#reader.read());
        if (done) return controller.close();
        received += value.length;
        controller.enqueue(value);
      } catch {
        if (signal.aborted || !(await this.#look())) return controller.close();
        return this.pull(controller);
      }
    }

    cancel() {
      this.hangUp();
    }

    /** End the connection, which may hang; not the stream. */
    hangUp() {
      this.#connection.abort();
    }

    async #connect() {
      this.#url.searchParams.set("received", received);
      this.#connection = new AbortController();
      const { headers, credentials } = this.#request;
      const { signal } = this.#connection;
      const answer = ask(this.#url, { headers, credentials, signal });
      const response = await this.#within(ANSWER_MS, answer);
      this.#reader = response.body.getReader();
      return response;
    }

    /** Connect again. Null if Gradio wants no more; throws if the server knows nothing of this
     * stream, or answers too late. */
    async #look() {
      say("line_lost", SAID_AFTER_MS);
      const until = Date.now() + LOST_MS;
      for (let k = 0; Date.now() < until; k++) {
        await pause(WAITS_MS[Math.min(k, WAITS_MS.length - 1)]);
        if (this.#request.signal.aborted) break;
        const response = await this.#connect().catch(() => null);
        if (response?.ok) {
          say(status.textContent && "line_back", 0, SAID_MS);
          return response;
        }
        if (response && response.status < 500) break; // a proxy says 502 while it looks, too
      }
      say("", 0);
      if (this.#request.signal.aborted) return null;
      throw new Error(LINE.en.line_gone);
    }

    /** What is promised; too late, and the connection is ended, which breaks the promise. */
    async #within(ms, promise) {
      const timer = setTimeout(() => this.hangUp(), ms);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    }
  }

  let newest = null;
  for (const name of ["offline", "online"]) addEventListener(name, () => newest?.hangUp());

  window.fetch = (input, init) => {
    const isStream = input instanceof Request && /\/queue\/data$/.test(new URL(input.url).pathname);
    if (!isStream) return ask(input, init);
    newest = new Bytes(input);
    return newest.open();
  };
}
