/** A button that has something worked out for this cloud, and two numbers that come of it. */

/** Its sentences are `points_${name}_…`.
 * @param {import("./chooser.js").Kit} kit
 * @param {"reflow"|"network"} name
 * @param {(onPart: (percent: number) => void) => Promise<[number, number]>} work
 * @returns {{card: HTMLElement, translate: () => void, update: (isShown: boolean, isDone: boolean) =>
 *   void, start: () => void}} */
export function makeCard({ say }, name, work) {
  const named = (tag, part, className = "") =>
    make(tag, { className, dataset: { say: `points_${name}_${part}` } });
  const [how, why] = [named("p", "how", "small"), named("p", "why", "small")];
  const button = make("button", { type: "button" });
  const values = [make("dd"), make("dd")];
  const parts = ["first", "second"].flatMap((part, k) => [named("dt", part), values[k]]);
  const numbers = make("dl", { className: "numbers" }, ...parts);
  const told = make("div", { role: "status" }, numbers);
  const card = make("div", { className: `card worked ${name}` }, how, button, told, why);

  button.addEventListener("click", async () => {
    button.disabled = true;
    const onPart = (percent) => {
      button.textContent = say(`points_${name}_busy`, { percent });
    };
    onPart(0);
    const found = await work(onPart);
    values.forEach((value, k) => {
      value.textContent = found[k].toFixed(2);
    });
  });

  /** Whatever was under way has ended. */
  function update(isShown, isDone) {
    card.hidden = !isShown;
    numbers.hidden = why.hidden = !isDone;
    button.disabled = false;
    button.textContent = say(`points_${name}_go`);
  }

  function translate() {
    if (!button.disabled) button.textContent = say(`points_${name}_go`);
  }

  return { card, translate, update, start: () => button.click() };
}
