/** The page's side of page/in_browser/points/thread.js: one task at a time, and a new one ends the old one. */

const THREAD = new URL("../../../in_browser/points/thread.js", import.meta.url);

/** @param {(failed: unknown) => void} onFailure told where this browser allows no threads */
export function makeFollower(onFailure) {
  let worker;

  /** Resolves with what the task has found; never, if another one came first.
   * @param {"follow"|"reflow"|"learn"} task
   * @param {import("../../../in_browser/points/world.js").Settings} settings
   * @param {(told: any) => void} onState told what the task says on its way
   * @returns {Promise<any>} */
  return function ask(task, settings, onState = () => {}) {
    worker?.terminate();
    return new Promise((resolve) => {
      try {
        worker = new Worker(THREAD, { type: "module" });
      } catch (error) {
        onFailure(error);
        return;
      }
      worker.onerror = onFailure;
      worker.onmessage = ({ data }) => {
        if (data.done) resolve(data.done);
        else onState(data);
      };
      worker.postMessage({ task, settings });
    });
  };
}
