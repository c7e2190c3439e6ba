namespace KgOrleans.Kernels.Diversity;

/// <summary>How a greedy DPP selection ended.</summary>
/// <param name="Count">Positions written: the picks asked for, or all candidates when there are fewer.</param>
/// <param name="Honest">How many of them, from the front, the determinant chose; the others are the remainder in order of quality, with NaN gains.</param>
public readonly record struct DppResult(int Count, int Honest);
