using System.Numerics;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Floors for a pass of the model channel, from the scores of every n-th word of rows: about as many rows reach a floor as are to be kept.
/// </summary>
internal sealed class ModelFloors
{
    private const int SampleRows = RowPicker.SampleWords * RowPicker.WordRows;

    private float[] _sample = [];
    private float[] _sampled = [];
    private int[] _counts = [];

    /// <summary>Sets the floors of requests whose sample is large enough; the others stay as they are.</summary>
    /// <param name="view">View that the caller holds.</param>
    /// <param name="tasks">The requests.</param>
    /// <param name="packed">Their vectors.</param>
    /// <param name="wanted">Rows that each will keep.</param>
    /// <param name="floors">Receives a floor for each.</param>
    /// <param name="zones">Workspace.</param>
    public unsafe void Fill(PartitionView view, List<RecallTask> tasks, in QuantisedUsers packed, int[] wanted, float[] floors, PickZones zones)
    {
        if (_sample.Length < tasks.Count * SampleRows)
            (_sample, _sampled, _counts) = (new float[tasks.Count * SampleRows], new float[tasks.Count * RowPicker.WordRows], new int[tasks.Count]);
        Array.Clear(_counts);
        var (space, shift, step) = (view.ModelSpace, view.ChunkShift - 6, (view.BitmapWords / RowPicker.SampleWords) + 1);
        for (var word = 0; word < view.BitmapWords; word += step)
        {
            var (chunk, place) = (word >> shift, (word & ((1 << shift) - 1)) * RowPicker.WordRows);
            var count = Math.Min(RowPicker.WordRows, view.RowsOfChunk(chunk) - place);
            if (count <= 0)
                continue;
            var block = new Int8Block(space.Codes[chunk] + ((nint)place * space.Width), space.Scales[chunk] + (place * sizeof(float)), 0, 0, count);
            Int8Dot.Rows(packed, block, _sampled);
            for (var i = 0; i < tasks.Count; i++)
            {
                for (var rest = tasks[i].WordAt(word); rest != 0; rest &= rest - 1)
                    _sample[(i * SampleRows) + _counts[i]++] = _sampled[(i * count) + BitOperations.TrailingZeroCount(rest)];
            }
        }
        for (var i = 0; i < tasks.Count; i++)
        {
            var kth = RowPicker.SampleRank(wanted[i], step);
            if (kth < _counts[i])
                floors[i] = zones.KthScore(_sample.AsSpan(i * SampleRows, _counts[i]), kth);
        }
    }
}
