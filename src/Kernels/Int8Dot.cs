namespace KgOrleans.Kernels;

/// <summary>
/// Scores of 8-bit rows for users packed by <see cref="QuantisedUsers"/>. Sums are exact integers, so that every instruction set, entry point, batch and position
/// gives the same bits for the same row and user.
/// </summary>
public static unsafe partial class Int8Dot
{
    /// <summary>Scores consecutive rows: <c>scores[user * block.Count + r]</c>.</summary>
    /// <param name="users">Users; the block's rows have their dimension.</param>
    /// <param name="block">The rows.</param>
    /// <param name="scores">Receives <c>users.Count * block.Count</c> scores.</param>
    /// <exception cref="ArgumentException">There is no room for the scores.</exception>
    public static void Rows(in QuantisedUsers users, in Int8Block block, Span<float> scores)
    {
        if (scores.Length < (long)users.Count * block.Count)
            throw new ArgumentException($"{users.Count} users times {block.Count} rows do not fit into {scores.Length} scores.", nameof(scores));
        for (var u = 0; u < users.Count; u++)
        {
            fixed (short* user = users.Codes(u))
                RowsScalar(user, users.Scale(u), users.Dimension, block, scores.Slice(u * block.Count, block.Count));
        }
    }

    /// <summary>Scores rows named by number, for one user; rows some places ahead are prefetched.</summary>
    /// <param name="users">The users.</param>
    /// <param name="user">Which of them.</param>
    /// <param name="table">Where rows lie.</param>
    /// <param name="rows">Row numbers, in any order, repeats allowed. Ascending order is kinder to memory.</param>
    /// <param name="scores">Receives one score a row number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row number is outside the table (earlier scores may be written), or there is no such user.</exception>
    /// <exception cref="ArgumentException">There is no room for the scores, or the table has too few chunks.</exception>
    public static void Gather(in QuantisedUsers users, int user, in Int8Table table, ReadOnlySpan<int> rows, Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)user, (uint)users.Count, nameof(user));
        if (scores.Length < rows.Length)
            throw new ArgumentException($"{rows.Length} scores do not fit into {scores.Length}.", nameof(scores));
        table.Require(residuals: false);
        fixed (short* codes = users.Codes(user))
            GatherScalar(codes, users.Scale(user), users.Dimension, table, rows, scores);
    }
}
