// A service: what to bring, how it goes, where, what it costs, whom to call.
import { t } from '../text/strings';
import { Conflicts, Contacts, Papers, Words } from './parts';
import type { Shaped } from './shape';

export const Service = ({ custom }: { custom: Shaped }) => (
  <div class="card">
    {custom.name && <h3>{custom.name}</h3>}
    <Papers of={custom.documents} />
    <Words title={t('怎么办')} of={custom.steps} />
    <Words title={t('去哪办')} of={custom.where} />
    <Words title={t('费用')} of={custom.cost} />
    <Contacts of={custom.contacts} />
    <Conflicts of={custom.conflicts} />
  </div>
);
