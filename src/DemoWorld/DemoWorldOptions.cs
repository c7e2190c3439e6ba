using System.Globalization;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.DemoWorld;

/// <summary>Sizes and seed of a demo world. Equal options make the same world on every date.</summary>
public sealed record DemoWorldOptions
{
    // A request shows ten items, and when the log starts only a part of the catalogue is published: at least a third.
    private const int ItemsPerRequest = 100;

    /// <summary>Seed of every random draw.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Items in the catalogue, at least 100 for each of <see cref="RequestsPerUser"/>: no user sees an item twice.</summary>
    public int Items { get; init; } = 50_000;

    /// <summary>Creators, at least 100; items per creator follow Zipf's law.</summary>
    public int Creators { get; init; } = 5_000;

    /// <summary>Songs, at least 50; items per song follow Zipf's law.</summary>
    public int Songs { get; init; } = 3_000;

    /// <summary>Users, at least 10.</summary>
    public int Users { get; init; } = 2_000;

    /// <summary>
    /// k: share of the variance of a match that comes from the user's group with the item's creator and song, 0..1. The rest is the dot product of two latent
    /// vectors, which is all that a two-tower model of low dimension can express.
    /// </summary>
    public double GroupShare { get; init; } = 0.3;

    /// <summary>Components of an item's observed content vector, at least 16: the dimension of the truth that it shows with noise.</summary>
    public int ContentDimension { get; init; } = 32;

    /// <summary>
    /// Mean number of requests of one user in the logged four weeks, 4..30. Twelve pages of ten items keep the whole log below 360,000 events, which a server
    /// imports in seconds.
    /// </summary>
    public int RequestsPerUser { get; init; } = 12;

    /// <summary>
    /// Length of the publishing window, in days before the world's midnight. A day less than the article's three months, so that no item leaves the window on
    /// the first day.
    /// </summary>
    public int PublishedDays { get; init; } = 91;

    /// <summary>Length of the event log, in days before the world's midnight; at most half of <see cref="PublishedDays"/>.</summary>
    public int LoggedDays { get; init; } = 28;

    /// <summary>
    /// Name of the catalogue: <c>demo-SEED</c>, followed by a hash of the other values when one differs from its default, so that a model cannot serve a world
    /// that it was not trained for.
    /// </summary>
    public string WorldId
    {
        get
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"demo-{Seed}");
            if (this with { Seed = 1 } == new DemoWorldOptions())
                return name;
            var values = string.Create(
                CultureInfo.InvariantCulture,
                $"{Items}/{Creators}/{Songs}/{Users}/{GroupShare:R}/{ContentDimension}/{RequestsPerUser}/{PublishedDays}/{LoggedDays}");
            return $"{name}-{Key64.Of(values).ToString("x16", CultureInfo.InvariantCulture)[..8]}";
        }
    }

    /// <summary>Throws an <see cref="ArgumentException"/> that names every value outside its range.</summary>
    public void Validate()
    {
        var errors = new List<string>();
        Check(nameof(Items), Items, ItemsPerRequest * Math.Max(1, RequestsPerUser), 10_000_000);
        Check(nameof(Creators), Creators, 100, 1_000_000);
        Check(nameof(Songs), Songs, 50, 1_000_000);
        Check(nameof(Users), Users, 10, 1_000_000);
        Check(nameof(GroupShare), GroupShare, 0, 1);
        Check(nameof(ContentDimension), ContentDimension, Hidden.HiddenWorld.Dimension, 1_024);
        Check(nameof(RequestsPerUser), RequestsPerUser, 4, 30);
        Check(nameof(PublishedDays), PublishedDays, 2, 365);
        Check(nameof(LoggedDays), LoggedDays, 4, PublishedDays / 2);
        if (errors.Count > 0)
            throw new ArgumentException(string.Join("; ", errors));

        void Check(string name, double value, double low, double high)
        {
            if (!(value >= low && value <= high))
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}, must be {low}..{high}"));
        }
    }
}
