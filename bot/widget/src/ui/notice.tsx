// What is said beside the conversation: no network, too much at once, deleted.
import type { Notice as Told } from '../model/chat';
import { t } from '../text/strings';

const NUMBERS = ['12345', '120', '110', '119'];

export function Notice({ notice }: { notice: Told | null }) {
  return (
    <div class="notice" role="status">
      {notice && <p>{notice.text + (notice.urgent ? t('急事请直接打电话：') : '')}</p>}
      {notice && notice.urgent && (
        <div class="row">
          {NUMBERS.map((n) => (
            <a class="btn" href={'tel:' + n} aria-label={t('拨打') + n}>
              {n}
            </a>
          ))}
        </div>
      )}
    </div>
  );
}
