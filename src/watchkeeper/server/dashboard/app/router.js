// Which view a URL shows. Every view and every choice in it has a URL that can be shared.

const routes = [];
let navigated = () => {};

export function route(pattern, view) {
  const names = [];
  const expression = pattern.replace(/<(\w+)>/g, (_, name) => {
    names.push(name);
    return "([^/]+)";
  });
  routes.push({ expression: new RegExp(`^${expression}/?$`), names, view });
}

export function current() {
  const query = new URLSearchParams(location.search);
  for (const { expression, names, view } of routes) {
    const match = expression.exec(location.pathname);
    if (!match) continue;
    const params = Object.fromEntries(names.map((name, i) => [name, decoded(match[i + 1])]));
    return { view, params, query };
  }
  return { view: null, params: {}, query };
}

// An URL from its pieces, each escaped; the zone and the range go along from view to view.
export function link(pieces, query = {}, { keep = ["from", "to", "last", "tz"] } = {}) {
  const here = new URLSearchParams(location.search);
  const next = new URLSearchParams();
  const carried = "from" in query || "last" in query ? keep.filter((name) => name === "tz") : keep;
  for (const name of carried) if (here.has(name)) next.set(name, here.get(name));
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") next.delete(name);
    else next.set(name, String(value));
  }
  return `/${pieces.map(encodeURIComponent).join("/")}${next.size ? `?${next}` : ""}`;
}

// This view with other choices.
export function here(changes) {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") next.delete(name);
    else next.set(name, String(value));
  }
  return `${location.pathname}${next.size ? `?${next}` : ""}`;
}

export function go(url, { replace = false } = {}) {
  if (url === location.pathname + location.search) return;
  const isSameView = new URL(url, location.origin).pathname === location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  navigated({ isSameView });
}

export function start(callback) {
  navigated = callback;
  addEventListener("popstate", () => navigated({ isSameView: false, isBack: true }));
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a[href]");
    if (!anchor || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (anchor.target || anchor.hasAttribute("download") || anchor.origin !== location.origin) return;
    if (anchor.hash && anchor.pathname === location.pathname) return;
    if (!routes.some(({ expression }) => expression.test(anchor.pathname))) return;
    event.preventDefault();
    go(anchor.pathname + anchor.search);
  });
}

function decoded(piece) {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}
