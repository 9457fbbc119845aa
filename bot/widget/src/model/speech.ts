// Reading aloud and speaking instead of typing, where the browser can.
import { load, save } from './storage';

const ask: any = window;
const Recognition = ask.SpeechRecognition || ask.webkitSpeechRecognition;
const LISTEN_FAILED = 'mic';

export const canSpeak = () => 'speechSynthesis' in window && typeof SpeechSynthesisUtterance === 'function';

/** Reads `text` slowly; an empty one stops. Tells `ended` when it is over, whatever ended it. */
export function speak(text: string, ended?: () => void): void {
  speechSynthesis.cancel();
  if (!text) return;
  const said = new SpeechSynthesisUtterance(text);
  said.lang = 'zh-CN';
  said.rate = 0.85;
  const voice = speechSynthesis.getVoices().filter((v) => /^zh|cmn/i.test(v.lang));
  const best = voice.find((v) => /CN|Hans/i.test(v.lang)) || voice[0];
  if (best) said.voice = best;
  if (ended) said.onend = said.onerror = ended;
  speechSynthesis.speak(said);
}

/** Whether there is a button to speak: not once it has failed here, for it will fail again. */
export const canListen = () => Boolean(Recognition) && load(LISTEN_FAILED) !== 'no';

/** Listens once. Gives the way to stop; `failed(true)` where this browser will never do it. */
export function listen(heard: (text: string, last: boolean) => void, ended: (never: boolean) => void): () => void {
  const recognition = new Recognition();
  let never = false;
  recognition.lang = 'zh-CN';
  recognition.interimResults = true;
  recognition.onresult = (e: any) => {
    const result = e.results[e.results.length - 1];
    heard(Array.from(e.results as any[]).map((r) => r[0].transcript).join(''), result.isFinal);
  };
  recognition.onerror = (e: any) => {
    if (/network|service-not-allowed|not-allowed|language-not-supported/.test(e.error)) {
      never = true;
      save(LISTEN_FAILED, 'no');
    }
  };
  recognition.onend = () => ended(never);
  try {
    recognition.start();
  } catch (e) {
    setTimeout(() => ended(false));
  }
  return () => recognition.stop();
}
