using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>
/// Round 2 in one view: copies the rows that a query asks for. Its time grows with the rows, so that more than a few are copied outside of grain turns.
/// </summary>
internal static class HydrateQueries
{
    /// <summary>
    /// Most rows that a grain copies in its turn: some ten microseconds. A thread of the pool would cost such a query more than that, since it may finish a
    /// scan first.
    /// </summary>
    public const int MostInTurn = 128;

    /// <summary>Whether a query is small enough to be answered in a grain turn.</summary>
    public static bool FitsTurn(HydrateQuery query) => query.Rows.Length <= MostInTurn * sizeof(int) && query.Keys.Length <= MostInTurn * sizeof(ulong);

    /// <summary>Columns and content vectors of the query's items; items that the view does not have are left out.</summary>
    /// <param name="view">The view. The copy holds it as well, since a caller that is cancelled gives it back at once.</param>
    /// <param name="query">The query.</param>
    /// <exception cref="OperationCanceledException">The caller let go of the view, so nobody waits for the answer.</exception>
    public static ItemBlock BlockOf(PartitionView view, HydrateQuery query)
    {
        if (!view.TryHold())
            throw new OperationCanceledException("the view was given back before its rows were copied");
        using (view)
        {
            // Rows are numbers of one view; in any other view the keys say which items are meant.
            var rows = view.Epoch == query.ViewEpoch
                ? MemoryMarshal.Cast<byte, int>(query.Rows).ToArray()
                : Array.FindAll(Array.ConvertAll(Key64.FromBytes(query.Keys).ToArray(), view.Find), row => row >= 0);
            var block = new ItemBlock(rows.Length, view.ContentDimension, embeddingDimension: 0);
            view.CopyTo(block, rows, query.ScoreTime);
            if (query.WithAttributes)
                block.Attributes = view.AttributesOf(rows);
            return block;
        }
    }
}
