namespace KgOrleans.Kernels;

/// <summary>
/// Scores of rows restored from codes and residuals (about 16 bits a component) with a float32 user: re-scores the best few thousand that an 8-bit scan found.
/// The score equals <see cref="DotProduct.Single"/> of the user and the row that <see cref="Int8Rows.Dequantise(ReadOnlySpan{sbyte}, ReadOnlySpan{sbyte}, float, Span{float})"/>
/// restores with scale 254, times <c>scale / 254</c>: against the original row it is off by at most <c>scale / 508 |u|_1</c> plus the rounding that <see cref="DotProduct"/> states.
/// </summary>
public static unsafe partial class Int8Rescore
{
    /// <summary>Scores rows named by number.</summary>
    /// <param name="user">The user vector.</param>
    /// <param name="table">Where rows lie, residuals included.</param>
    /// <param name="rows">Row numbers, in any order, repeats allowed.</param>
    /// <param name="scores">Receives one score a row number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row number is outside the table (earlier scores may be written), or the dimension has no 8-bit path.</exception>
    /// <exception cref="ArgumentException">There is no room for the scores, or the table has too few chunks.</exception>
    public static void Gather(ReadOnlySpan<float> user, in Int8Table table, ReadOnlySpan<int> rows, Span<float> scores)
    {
        Int8Rows.RequireDimension(user.Length);
        if (scores.Length < rows.Length)
            throw new ArgumentException($"{rows.Length} scores do not fit into {scores.Length}.", nameof(scores));
        table.Require(residuals: true);
        var place = (1 << table.ChunkShift) - 1;
        Span<float> restored = stackalloc float[user.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if ((uint)row >= (uint)table.Count)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"Row numbers are 0..{table.Count - 1}.");
            var chunk = row >> table.ChunkShift;
            var codes = (sbyte*)table.Codes[chunk] + ((nint)(row & place) * user.Length);
            var residuals = (sbyte*)table.Residuals[chunk] + ((nint)(row & place) * user.Length);
            for (var c = 0; c < user.Length; c++)
                restored[c] = (254 * codes[c]) + residuals[c];
            scores[i] = DotProduct.Single(user, restored) * (((float*)table.Scales[chunk])[row & place] / 254);
        }
    }
}
