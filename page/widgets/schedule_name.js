/** A schedule's name, from its text form: "drawn~0_12~1_-9", "rectified_flow~shift_3". */
function scheduleName(text) {
  const [name, ...parts] = text.split("~");
  const options = parts.filter((part) => /^[a-z]/.test(part)); // the others are drawn points
  const words = options.map((option) => {
    const [, key, value] = option.match(/^(\D+?)(?:_([\d.]+))?$/);
    return say(`schedule_${key}`, { value });
  });
  return [say(`schedule_${name}`), ...words].join(say("comma"));
}
