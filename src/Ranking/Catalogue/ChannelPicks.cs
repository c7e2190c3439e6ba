using KgOrleans.Kernels;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The best rows of one channel for one request, best first. Memory is kept for the next.</summary>
internal sealed class ChannelPicks
{
    private int[] _rows = [];
    private float[] _scores = [];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Takes what a stream has kept.</summary>
    public void Complete(TopKStream best)
    {
        if (_rows.Length < best.K)
            (_rows, _scores) = (new int[best.K], new float[best.K]);
        Count = best.Complete(_rows, _scores);
    }
}

/// <summary>One request of a pass: what it asks, which rows may answer, and what each channel has picked.</summary>
internal sealed class RecallTask
{
    public RecallRequest Request { get; private set; } = null!;

    /// <summary>Eligible rows: address of a bitmap of all chunks' rows.</summary>
    public nint Bits { get; private set; }

    public EligibilityCounts Counts { get; set; }

    public bool HasModel { get; private set; }

    /// <summary>Picks by <see cref="RecallChannel"/>.</summary>
    public ChannelPicks[] Picks { get; } = [new(), new(), new()];

    public TopKStream Best { get; } = new(1);

    public void Start(PartitionView view, RecallRequest request, nint bits)
    {
        (Request, Bits, HasModel) = (request, bits, request.HasModel(view));
        foreach (var picks in Picks)
            picks.Clear();
    }

    /// <summary>How many a channel may pick: its quota, or all that are eligible; 0 when it is off.</summary>
    public int Quota(RecallChannel channel) => (int)Math.Min(Request.Quotas[(int)channel], Counts.Eligible);

    /// <summary>Eligible rows of a chunk.</summary>
    public unsafe ReadOnlySpan<ulong> BitsOf(PartitionView view, int chunk)
    {
        var words = 1 << (view.ChunkShift - 6);
        return new ReadOnlySpan<ulong>((ulong*)Bits + ((nint)chunk * words), words);
    }
}
