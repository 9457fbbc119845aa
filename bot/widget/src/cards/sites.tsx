// Places near the resident: what each is, how far, whether it is open, its telephone and the way there.
import { Component } from 'preact';
import { linesIn, web } from '../text/format';
import { t } from '../text/strings';
import { Icon } from '../ui/icons';
import { far, Fold, Note, Out, Phones } from './parts';
import { Picture, REACH } from './picture';
import type { Shaped } from './shape';

const FIRST = 3;
const DEGREE_M = 111320;

const hasPoint = (x: Shaped | undefined) => Boolean(x && Math.abs(x.lng) <= 180 && Math.abs(x.lat) < 89 && Number(x.lat));

/** Buttons to the map that this phone has first, and to the others. */
function Maps({ site }: { site: Shaped }) {
  const name = encodeURIComponent(site.name);
  const where = encodeURIComponent(site.address) || name;
  const at = site.lat + ',' + site.lng;
  const button = (said: string, url: string) =>
    web(url) && (
      <Out class="btn" url={url} aria-label={said + ' ' + site.name}>
        <Icon name="place" />
        {said}
      </Out>
    );
  const maps: [string, string][] = [[t('高德地图'), site.map_url]];
  if (hasPoint(site)) {
    maps.push([
      t('腾讯地图'),
      `https://apis.map.qq.com/uri/v1/marker?marker=coord:${at};title:${name};addr:${where}&referer=linlitong`,
    ]);
    maps.push([t('苹果地图'), `https://maps.apple.com/?ll=${at}&q=${name}`]);
  }
  const agent = navigator.userAgent;
  const [best] = maps.splice(/MicroMessenger/.test(agent) ? 1 : /iPhone|iPad|iPod/.test(agent) ? 2 : 0, 1);
  return (
    <>
      {best && button(t('看地图'), best[1])}
      {maps.length > 1 && <Fold title={t('换个地图')}>{maps.map((map) => button(...map))}</Fold>}
    </>
  );
}

const distanceOf = (site: Shaped) =>
  far(site.distance_m) || (site.same_area === 'true' ? t('同一片区，距离不详') : t('距离不详'));

const Place = ({ site, number }: { site: Shaped; number: number }) => (
  <div class="card">
    <h3>
      <i>{number}</i> {site.name}
    </h3>
    <p class="tags">
      <b>{distanceOf(site)}</b>
      {site.open_now && (
        <b class={site.open_now === 'true' ? 'good' : 'bad'}>
          {site.open_now === 'true' ? t('现在开着') : t('现在没开')}
        </b>
      )}
      {site.trust === 'sample' && <b class="warn">{t('示例，不是真的')}</b>}
    </p>
    {site.address && <p>{site.address}</p>}
    <Note text={site.hours_text || t('开门时间不详')} />
    <Note name={t('费用：')} text={site.cost} />
    <Note text={site.note} />
    <div class="row">
      <Phones phone={site.phone} name={' ' + site.name} />
      <Maps site={site} />
    </div>
  </div>
);

function Around({ all, center }: { all: Shaped[]; center: Shaped }) {
  const cos = Math.cos((center.lat * Math.PI) / 180);
  const ways = t('东 东北 北 西北 西 西南 南 东南').split(' ');
  // Metres east and south of the centre, to the same scale.
  const spots = all.filter(hasPoint).map((site) => ({
    site,
    number: all.indexOf(site) + 1,
    x: (site.lng - center.lng) * DEGREE_M * cos,
    y: (center.lat - site.lat) * DEGREE_M,
  }));
  const farthest = Math.max(100, ...spots.map((spot) => Math.hypot(spot.x, spot.y)));
  const unit = REACH / farthest;
  const step =
    [50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000].find((metres) => metres * 2.6 >= farthest) || farthest;
  const middle = center.name || t('您的位置');
  const wayTo = (x: number, y: number) => ways[(Math.round((Math.atan2(-y, x) / Math.PI) * 4) + 8) % 8];
  return (
    <div class="card">
      <Picture
        note={middle + t('在正中，上边是北，每一圈相隔') + far(step) + t('。')}
        words={spots.map(
          (spot) =>
            spot.number +
            t('号') +
            spot.site.name +
            t('，在') +
            wayTo(spot.x, spot.y) +
            t('边，') +
            distanceOf(spot.site),
        )}
        dots={spots.map((spot) => ({ x: spot.x * unit, y: spot.y * unit, label: String(spot.number) }))}
        rings={[1, 2, 3]
          .map((n) => ({ radius: n * step * unit, text: far(n * step) }))
          .filter((ring) => ring.radius < 131)}
        numbers
      />
      {linesIn(
        all.map(
          (site, i) => i + 1 + '. ' + site.name + t('，') + (hasPoint(site) ? distanceOf(site) : t('位置不详，没有画')),
        ),
      )}
    </div>
  );
}

export class Sites extends Component<{ custom: Shaped }, { all: boolean; picture: boolean }> {
  state = { all: false, picture: false };

  render({ custom }: { custom: Shaped }, { all, picture }: { all: boolean; picture: boolean }) {
    const sites: Shaped[] = custom.items.filter((site: Shaped) => site.name);
    const button = (said: string, change: object) => (
      <div class="opts">
        <button onClick={() => this.setState(change)}>{said}</button>
      </div>
    );
    return (
      <>
        {hasPoint(custom.center) &&
          sites.filter(hasPoint).length > 1 &&
          button(picture ? t('看列表') : t('看示意图'), { picture: !picture })}
        {picture ? (
          <Around all={sites} center={custom.center} />
        ) : (
          sites.slice(0, all ? sites.length : FIRST).map((site, i) => <Place site={site} number={i + 1} />)
        )}
        {!picture &&
          !all &&
          sites.length > FIRST &&
          button(t('再看') + (sites.length - FIRST) + t('处'), { all: true })}
      </>
    );
  }
}
