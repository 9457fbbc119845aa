// The one file that a website includes. It defines <community-chat>, and <community-launcher>, which the script's own
// data-region puts on the page: <script src="https://…/widget.js" data-region="510100"></script>
import { CommunityChat } from './ui/element';
import { CommunityLauncher, launch } from './ui/launcher';

const script = document.currentScript as HTMLScriptElement | null;
const home = script && script.src ? new URL(script.src).origin : location.origin;

// Two scripts on one page, or the same one twice, are one widget.
if (!customElements.get('community-chat')) {
  CommunityChat.home = home;
  customElements.define('community-chat', CommunityChat);
  customElements.define('community-launcher', CommunityLauncher);
}
if (script && 'region' in script.dataset) launch(script.dataset);
