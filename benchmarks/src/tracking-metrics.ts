/** Area under the ROC curve: how likely a good sample has the higher value than a lost one; ties count half. */
export function auc(good: readonly number[], lost: readonly number[]): number {
  const sorted = [...lost].sort((a, b) => a - b)
  const below = (value: number, orEqual: boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1
      else high = middle
    }
    return low
  }
  const wins = good.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0)
  return wins / good.length / lost.length
}
