using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// Counts what a scene served in its newest positions, by traffic class, and derives from that what the next page owes each class. For any number of threads.
/// </summary>
/// <remarks>
/// The count is kept in blocks of positions, and the oldest block is dropped whole. A page's quota is what brings the window, this page included, to the
/// share, rounded toward what the share allows; the rest stays in the counts and is the next page's. A class that had no candidates for long is caught up at a
/// bounded pace, so that it does not fill whole pages when they return.
/// </remarks>
public sealed class TrafficWindow
{
    /// <summary>Positions of the window, about: a block takes whole pages until it has its hundredth of them.</summary>
    public const int Positions = 10_000;

    private const int Blocks = 100;
    private const int BlockPositions = Positions / Blocks;
    // A page has at most three times a class's share of it.
    private const double Pace = 3;
    // Multiples of the golden ratio, mod 1, spread evenly over 0..1 however many there are.
    private const double GoldenRatio = 0.6180339887498949;
    // Products of decimal shares and whole numbers may miss a whole number by some last bits.
    private const double Epsilon = 1e-6;

    private readonly Lock _lock = new();
    private readonly int _classes;
    // By block the positions, then the positions of each class.
    private readonly int[] _blocks;
    private readonly int[] _sums;
    private int _block;
    private long _pages;

    /// <summary>Creates an empty window.</summary>
    /// <param name="classes">Number of classes.</param>
    public TrafficWindow(int classes)
    {
        _classes = classes;
        _blocks = new int[Blocks * (classes + 1)];
        _sums = new int[classes + 1];
    }

    /// <summary>Positions of the window, then the positions of each class.</summary>
    public int[] Counts()
    {
        lock (_lock)
            return (int[])_sums.Clone();
    }

    /// <summary>Counts a page that was served.</summary>
    /// <param name="positions">Its length.</param>
    /// <param name="served">By class the items of the page that belong to it.</param>
    public void Record(int positions, ReadOnlySpan<int> served)
    {
        lock (_lock)
        {
            var width = _classes + 1;
            if (_blocks[_block * width] >= BlockPositions)
            {
                _block = (_block + 1) % Blocks;
                for (var i = 0; i < width; i++)
                {
                    _sums[i] -= _blocks[(_block * width) + i];
                    _blocks[(_block * width) + i] = 0;
                }
            }
            for (var i = 0; i < width; i++)
            {
                var count = i == 0 ? positions : served[i - 1];
                _blocks[(_block * width) + i] += count;
                _sums[i] += count;
            }
            _pages++;
        }
    }

    /// <summary>The quotas of the next page, with the counts (<see cref="Counts"/>) that they come from.</summary>
    /// <param name="shares">Share of each class.</param>
    /// <param name="length">Positions of the page.</param>
    public (PageQuota[] Quotas, int[] Counts) Quotas(IReadOnlyList<TrafficShare> shares, int length)
    {
        lock (_lock)
        {
            var quotas = new PageQuota[_classes];
            var phase = _pages * GoldenRatio % 1;
            for (var c = 0; c < quotas.Length; c++)
            {
                var (positions, served) = (_sums[0] + length, _sums[c + 1]);
                var (least, most) = (shares[c].Least, shares[c].Most);
                quotas[c] = new PageQuota(
                    Math.Clamp(Floor(least * positions) - served, 0, Math.Min(length, Ceiling(Pace * least * length))),
                    Math.Clamp(Ceiling(most * positions) - served, 0, Math.Min(length, Ceiling(Pace * most * length))),
                    phase);
            }
            return (quotas, (int[])_sums.Clone());
        }
    }

    private static int Floor(double value) => (int)Math.Floor(value + Epsilon);

    private static int Ceiling(double value) => (int)Math.Ceiling(value - Epsilon);
}
