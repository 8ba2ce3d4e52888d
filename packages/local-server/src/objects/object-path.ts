/** Returns the path of a part in the object store, for PUT. */
export const partPath = (id: string, partNumber: number): string =>
  `/objects/${id}/parts/${partNumber}`;

/** Returns the path of an image in the object store, for GET or HEAD. */
export const imagePath = (id: string): string => `/objects/${id}`;
