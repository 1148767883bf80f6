/** Follows the points in a thread of its own, so that the page never waits: see page/widgets/points/modules/follower.js. */

import { named } from "../diffusion/schedule.js";
import { learn } from "./learn.js";
import { reflow, statesOf, T } from "./world.js";

const STEPS = 2000; // of training
const MOST_STATES = 200; // that the page gets, of up to 1,000

const TASKS = {
  async follow(settings) {
    const every = Math.ceil(settings.calls / MOST_STATES);
    let call = 0;
    for await (const state of statesOf(settings)) {
      if (call % every === 0 || call === settings.calls) {
        postMessage({ call, state: Float32Array.from(state) });
      }
      call++;
    }
    return {};
  },
  reflow,
  async learn({ schedule, cloud }) {
    let last;
    for (const progress of learn(named(schedule, T), cloud.points, { steps: STEPS, every: 50 })) {
      postMessage({ percent: Math.round((100 * progress.step) / STEPS) });
      last = progress;
    }
    return last;
  },
};

self.onmessage = async ({ data: { task, settings } }) => {
  postMessage({ done: await TASKS[task](settings) });
};
