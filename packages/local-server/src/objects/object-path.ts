/** Where the object store has a part; PUT it. */
export const partPath = (id: string, partNumber: number): string =>
  `/objects/${id}/parts/${partNumber}`;

/** Where the object store has an image; GET or HEAD it. */
export const imagePath = (id: string): string => `/objects/${id}`;
