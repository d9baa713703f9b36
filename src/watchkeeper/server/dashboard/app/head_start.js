// Runs before the modules are there: the theme, so that the page never flashes in the other one,
// and the first answers, which come while the modules are still on their way.

try {
  const theme = localStorage.getItem("watchkeeper.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing shows what the system says.
}

if (location.pathname !== "/login") {
  const model = /^\/models\/[^/]+/.exec(location.pathname);
  const paths = ["/v1/access"];
  if (model) paths.push(`/v1${model[0]}`);
  else if (location.pathname === "/") paths.push("/v1/models");
  window.headStart = new Map();
  for (const path of paths) {
    const answer = fetch(path, { credentials: "same-origin", cache: "no-store" });
    answer.catch(() => {}); // said by whoever asks for it
    window.headStart.set(path, answer);
  }
}
