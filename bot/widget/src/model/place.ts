// Where the device is, to some hundred metres: near enough for a canteen, and not your door.

/** Degrees of WGS-84 as the phone gives them; the server converts them for Chinese maps. */
export interface Place {
  lng: number;
  lat: number;
  crs: 'wgs84';
}

export const canLocate = () => Boolean(navigator.geolocation);

/** Raises whatever the browser says where it is refused or does not come within ten seconds. */
export function locate(): Promise<Place> {
  return new Promise((done, failed) => {
    navigator.geolocation.getCurrentPosition(
      // Three decimals are about a hundred metres. What leaves the phone is never more exact.
      (p) => done({ lng: Number(p.coords.longitude.toFixed(3)), lat: Number(p.coords.latitude.toFixed(3)), crs: 'wgs84' }),
      failed,
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
