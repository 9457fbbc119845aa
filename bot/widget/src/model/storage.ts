// What is kept in the browser between two visits. A private window may refuse to keep anything: nothing may fail for it.
const PREFIX = 'linlitong.';

export function load<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) || 'null') as T | null;
  } catch (e) {
    return null;
  }
}

export function save(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch (e) {
    /* nothing can be kept here */
  }
}

/** Calls back when another tab of the same site has changed `name`. Gives the way to stop. */
export function onChange(name: string, call: () => void): () => void {
  const heard = (e: StorageEvent) => {
    if (e.key === PREFIX + name) call();
  };
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}
