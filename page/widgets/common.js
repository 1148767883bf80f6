// Precedes every instrument's script.

const find = (selector) => element.querySelector(selector);

/** The sentence under this key in the page's language, with `values` for its {names}. */
function say(key, values = {}) {
  const sentence = (sentences(props.label) ?? sentences("en"))[key];
  if (sentence === undefined) throw new Error(`no text for "${key}"`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) =>
    name === "device" ? deviceName(values.device) : values[name],
  );
}

/** Whether there is a sentence under this key. */
const isText = (key) => key in sentences("en");

/** A class of a data set; one without a text has its name in both languages. */
function labelName(name) {
  const named = `class_${name}`;
  return isText(named) ? say(named) : name;
}

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

/** Python names a device in English: "CPU (x86_64, 2 threads)"; scripts name the "browser". */
function deviceName(device) {
  if (device === "browser") return say("device_browser");
  return device.replace(/(\d+) threads?/, (_, threads) => threadCount(Number(threads)));
}

const threadCount = (threads) =>
  threads === 1 ? say("device_thread", { threads }) : say("device_threads", { threads });

/** A sentence for `append`, with the T of x_T and ᾱ_T as a subscript. */
function lowered(sentence) {
  return sentence.split(/_(?=T\b)/).flatMap((part, k) => {
    return k ? [make("sub", { textContent: "T" }), part.slice(1)] : [part];
  });
}

/** One of two texts: English, Chinese. */
const inLanguage = ([english, chinese]) => (props.label === "en" ? english : chinese);

/** What the template names. */
const translateTemplate = () => sayNamed(element, say);

watch("label", translateTemplate);
translateTemplate();
