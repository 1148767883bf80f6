// The stream of messages that Gradio listens to while something runs. If its connection is lost,
// runs go on (page/jobs/job.py). As soon as the server answers, this tells Gradio that whatever
// it waited for has failed, and has the page follow its runs again. By itself, Gradio would give
// up, and load the page again.

let isCut = false; // until the page follows its runs again

{
  const SILENT_MS = 40_000; // the server says something every 15 s
  const ANSWER_MS = 5_000;
  const WAITS_MS = [0, 500, 1000, 2000]; // between attempts, the last again and again
  const SAID_AFTER_MS = 1000; // nobody needs to know of a shorter interruption
  const SAID_MS = 6000;
  const ask = window.fetch;

  const status = make("div", { id: "line", role: "status" });
  document.body.append(status);
  let later = null;

  /** A sentence, after a while, and an empty one some time after that. */
  function say(key, after_ms, for_ms) {
    clearTimeout(later);
    later = setTimeout(() => {
      status.textContent = key && sentence(key);
      if (for_ms) say("", for_ms);
    }, after_ms);
  }

  document.addEventListener("tell", ({ detail }) => say(detail, 0, SAID_MS));

  /** Until this time has passed, or the network is back. */
  function pause(ms) {
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
      addEventListener("online", resolve, { once: true });
    });
  }

  /** Messages for Gradio: without the name of an event, they are for all that it waits for. A run
   * is found again; other answers are lost, and it says so. */
  function failed() {
    const output = { error: sentence("line_repeat"), visible: !isRunning(), duration: 10 };
    const messages = [
      { msg: "process_completed", success: false, output },
      { msg: "close_stream" },
    ];
    return new TextEncoder().encode(
      messages.map((each) => `data: ${JSON.stringify(each)}\n\n`).join(""),
    );
  }

  /** What Gradio hears, for a ReadableStream. */
  class Heard {
    #request;
    #connection = new AbortController();
    #reader;

    constructor(request) {
      this.#request = request;
      request.signal.addEventListener("abort", () => {
        this.hangUp();
        if (isCut) setTimeout(followAgain); // once Gradio has heard what failed
      });
    }

    async pull(controller) {
      try {
        this.#reader ??= await this.#within(SILENT_MS, this.#connect());
        const { done, value } = await this.#within(SILENT_MS, this.#reader.read());
        return done ? controller.close() : controller.enqueue(value);
      } catch (error) {
        if (this.#request.signal.aborted) return controller.close();
        if (!(await this.#isBack())) throw error;
      }
      isCut = true;
      controller.enqueue(failed());
      controller.close();
    }

    cancel() {
      this.hangUp();
    }

    /** End the connection, which may hang. */
    hangUp() {
      this.#connection.abort();
    }

    async #connect() {
      const { signal } = this.#connection;
      const response = await ask(new Request(this.#request, { signal }));
      if (!response.ok) throw new Error(response.status);
      return response.body.getReader();
    }

    /** Wait until the server answers, and knows this page: it ends what is left of the stream. */
    async #isBack() {
      say("line_lost", SAID_AFTER_MS);
      const url = new URL(this.#request.url);
      const body = JSON.stringify({ session_hash: url.searchParams.get("session_hash") });
      const headers = { "Content-Type": "application/json" };
      const until = Date.now() + LOST_MS;
      for (let k = 0; Date.now() < until; k++) {
        await pause(WAITS_MS[Math.min(k, WAITS_MS.length - 1)]);
        const signal = AbortSignal.timeout(ANSWER_MS);
        const request = { method: "POST", headers, body, signal };
        const response = await ask(new URL("../../hang_up", url), request).catch(() => null);
        if (response?.ok) {
          say(status.textContent && "line_back", 0, SAID_MS);
          return true;
        }
        if (response && response.status < 500) break; // a proxy says 502 while it looks, too
      }
      say("", 0);
      return false;
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

  function followAgain() {
    isCut = false;
    document.querySelector("#follow-again").click();
  }

  let newest = null;
  for (const name of ["offline", "online"]) addEventListener(name, () => newest?.hangUp());

  window.fetch = async (input, init) => {
    const isStream = input instanceof Request && /\/queue\/data$/.test(new URL(input.url).pathname);
    if (!isStream) return ask(input, init);
    newest = new Heard(input);
    return new Response(new ReadableStream(newest, { highWaterMark: 0 }));
  };
}
