namespace KgOrleans.Lab.Frontier;

/// <summary>Measures of what all users together were shown. Reused for one draw of users after another.</summary>
/// <param name="data">The data set.</param>
internal sealed class FrontierExposure(FrontierData data)
{
    /// <summary>Impressions from which an item or creator counts as having had a chance.</summary>
    public const int Enough = 5;

    private readonly int[] _items = new int[data.Items.Count];
    private readonly int[] _creators = new int[data.CreatorCount];
    private readonly int[] _ages = new int[data.AgeDays.Max() + 2];
    private readonly List<int> _touched = [];
    private int[] _histogram = [];

    /// <summary>Measures the pages of some users, each as often as it is named.</summary>
    /// <param name="pages">Per user rows of the catalogue.</param>
    /// <param name="users">Which users.</param>
    public FrontierReach Measure(IReadOnlyList<int[]> pages, ReadOnlySpan<int> users)
    {
        _creators.AsSpan().Clear();
        _ages.AsSpan().Clear();
        foreach (var row in _touched)
            _items[row] = 0;
        _touched.Clear();
        var (impressions, dated) = (0, 0);
        foreach (var user in users)
        {
            foreach (var row in pages[user])
            {
                if (_items[row]++ == 0)
                    _touched.Add(row);
                _creators[data.Creators[row]]++;
                impressions++;
                if (data.AgeDays[row] < 0)
                    continue;
                _ages[data.AgeDays[row]]++;
                dated++;
            }
        }
        var items = 0;
        foreach (var row in _touched)
            items += _items[row] >= Enough ? 1 : 0;
        var creators = 0;
        foreach (var count in _creators)
            creators += count >= Enough ? 1 : 0;
        return new FrontierReach(items, creators, Gini(impressions), Median(dated));
    }

    /// <summary>
    /// Gini coefficient of impressions over all creators, those without any included: 0 when all have the same, near 1 when one has all. By counts, so that
    /// nothing is sorted.
    /// </summary>
    private double Gini(int impressions)
    {
        if (impressions == 0)
            return 0;
        var most = 0;
        foreach (var count in _creators)
            most = Math.Max(most, count);
        if (_histogram.Length <= most)
            _histogram = new int[most + 1];
        _histogram.AsSpan().Clear();
        foreach (var count in _creators)
            _histogram[count]++;
        // Sum over creators in ascending order of (2 rank - n - 1) x impressions, ranks 1..n; creators with equal counts share their mean rank.
        var (sum, before, n) = (0d, 0L, (long)_creators.Length);
        for (var count = 0; count <= most; count++)
        {
            var meanRank = before + ((_histogram[count] + 1) / 2d);
            sum += _histogram[count] * ((2 * meanRank) - n - 1) * count;
            before += _histogram[count];
        }
        return sum / ((double)n * impressions);
    }

    private double Median(int dated)
    {
        if (dated == 0)
            return double.NaN;
        var left = (dated + 1) / 2;
        for (var day = 0; ; day++)
        {
            left -= _ages[day];
            if (left <= 0)
                return day;
        }
    }
}

/// <summary>What all users together were shown.</summary>
/// <param name="Items">Works with enough impressions.</param>
/// <param name="Creators">Creators with enough.</param>
/// <param name="Gini">Gini coefficient of impressions over creators.</param>
/// <param name="MedianAge">Median age of an impression's item in days; NaN where items have no dates.</param>
internal readonly record struct FrontierReach(double Items, double Creators, double Gini, double MedianAge);
