/** A button that has something worked out for this cloud, and two numbers that come of it. */

/** Its sentences are `points_${name}_…`.
 * @param {import("./chooser.js").Kit} kit
 * @param {"reflow"|"network"} name
 * @param {(onPart: (percent: number) => void) => Promise<[number, number]>} work
 * @returns {{card: HTMLElement, translate: () => void, update: (isShown: boolean, isDone: boolean) =>
 *   void, start: () => void}} */
export function makeCard({ say, make }, name, work) {
  const [how, why] = [make("p", { className: "small" }), make("p", { className: "small" })];
  const button = make("button", { type: "button" });
  const [names, values] = [
    [make("dt"), make("dt")],
    [make("dd"), make("dd")],
  ];
  const numbers = make("dl", { className: "numbers" });
  numbers.append(names[0], values[0], names[1], values[1]);
  const told = make("div", {}, numbers);
  told.role = "status";
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
    how.textContent = say(`points_${name}_how`);
    if (!button.disabled) button.textContent = say(`points_${name}_go`);
    names[0].textContent = say(`points_${name}_first`);
    names[1].textContent = say(`points_${name}_second`);
    why.textContent = say(`points_${name}_why`);
  }

  return { card, translate, update, start: () => button.click() };
}
