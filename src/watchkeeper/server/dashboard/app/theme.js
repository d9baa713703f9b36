// Light, dark, or as the system says; and what else is remembered in this browser.

const KEYS = { theme: "watchkeeper.theme", zone: "watchkeeper.zone" };

export function remembered(name) {
  try {
    return localStorage.getItem(KEYS[name]);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(KEYS[name]);
    else localStorage.setItem(KEYS[name], value);
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

export function theme() {
  return remembered("theme") ?? "system";
}

export function setTheme(name) {
  remember("theme", name === "system" ? null : name);
  applyTheme();
}

export function applyTheme() {
  const name = theme();
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  dispatchEvent(new Event("themechange"));
}

// A colour of the style sheet, for what is drawn on a canvas.
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
