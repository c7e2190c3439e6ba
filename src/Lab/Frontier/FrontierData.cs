using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Lab.Frontier;

/// <summary>One user's candidates, best first: what every policy chooses from.</summary>
/// <param name="Seed">Seed of whatever is random for this user.</param>
/// <param name="Rows">Rows of the catalogue.</param>
/// <param name="Scores">The relevance model's scores.</param>
/// <param name="Gains">What showing each is worth in truth.</param>
/// <param name="Ideal">What the best possible page is worth, item by item.</param>
internal sealed record FrontierUser(ulong Seed, int[] Rows, float[] Scores, float[] Gains, float[] Ideal)
{
    /// <summary>The scores scaled to 0..1 over the candidates, as re-ranking scales them.</summary>
    public float[] Relevance { get; } = Scaled(Scores);

    private static float[] Scaled(float[] scores)
    {
        var relevance = (float[])scores.Clone();
        RelevanceScale.Rescale(relevance);
        return relevance;
    }
}

/// <summary>A catalogue and the candidates of its users.</summary>
internal sealed class FrontierData
{
    // What serving takes (a scene's reRank.kindShare).
    private const float KindShare = 0.1f;

    private static readonly int Kinds = Enum.GetValues<ItemKind>().Length;

    /// <summary>Gathers a data set.</summary>
    /// <param name="name">Name.</param>
    /// <param name="truth">What gains are, for people.</param>
    /// <param name="items">The catalogue.</param>
    /// <param name="now">When users are asked, unix milliseconds; items are as old as they are then.</param>
    /// <param name="users">Users with their candidates.</param>
    public FrontierData(string name, string truth, ItemBlock items, long now, IReadOnlyList<FrontierUser> users)
    {
        (Name, Truth, Items, Users) = (name, truth, items, users);
        Creators = new int[items.Count];
        AgeDays = new int[items.Count];
        var numbers = new Dictionary<ulong, int>();
        for (var i = 0; i < items.Count; i++)
        {
            ref readonly var row = ref items.Rows[i];
            if (!numbers.TryGetValue(row.Creator, out var number))
                numbers.Add(row.Creator, number = numbers.Count);
            Creators[i] = number;
            AgeDays[i] = row.PublishedAt == long.MinValue ? -1 : (int)Math.Max(0, (now - row.PublishedAt) / (long)TimeSpan.FromDays(1).TotalMilliseconds);
        }
        CreatorCount = numbers.Count;
    }

    /// <summary>Name.</summary>
    public string Name { get; }

    /// <summary>What gains are.</summary>
    public string Truth { get; }

    /// <summary>The catalogue.</summary>
    public ItemBlock Items { get; }

    /// <summary>Users with their candidates.</summary>
    public IReadOnlyList<FrontierUser> Users { get; }

    /// <summary>Number of each item's creator.</summary>
    public int[] Creators { get; }

    /// <summary>Number of creators.</summary>
    public int CreatorCount { get; }

    /// <summary>Whole days since each item was published; -1 for one without a date.</summary>
    public int[] AgeDays { get; }

    /// <summary>Components of a similarity vector.</summary>
    public int Dimension => Items.ContentDimension + Kinds;

    /// <summary>Similarity vectors of a user's candidates as serving makes them: content, and a little of the kind.</summary>
    public float[] VectorsOf(FrontierUser user)
    {
        var vectors = new float[user.Rows.Length * Dimension];
        for (var i = 0; i < user.Rows.Length; i++)
            KindPrior.Fill(Items.ContentOf(user.Rows[i]), (int)Items.Rows[user.Rows[i]].Kind, KindShare, vectors.AsSpan(i * Dimension, Dimension));
        return vectors;
    }

    /// <summary>Columns of a user's candidates.</summary>
    public ItemBlock BlockOf(FrontierUser user)
    {
        var block = new ItemBlock(user.Rows.Length, Items.ContentDimension, 0);
        for (var i = 0; i < block.Count; i++)
            block.CopyRow(i, Items, user.Rows[i]);
        return block;
    }
}
