"""A browser that is said to be slow, for what the page offers one."""

# Before a page opens: each call of a model takes ten seconds, as its thread tells.
SLOW_CALLS = """{
    const Plain = window.Worker;
    const told = (data) => (data.step ? { ...data, ms: 10_000 * (data.step.i + 1) } : data);
    window.Worker = class extends Plain {
        set onmessage(hear) {
            super.onmessage = ({ data }) => hear({ data: told(data) });
        }
    };
}"""
