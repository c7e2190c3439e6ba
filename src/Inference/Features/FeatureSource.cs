using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference.Features;

/// <summary>The source of features: the user, one item and the time.</summary>
public readonly ref struct FeatureSource
{
    private static readonly ItemRow NoItem = new() { PublishedAt = long.MinValue, DurationSeconds = float.NaN, Quality = float.NaN };

    /// <summary>A source for features of users and requests.</summary>
    /// <param name="user">The user.</param>
    /// <param name="now">Time of the request, unix milliseconds.</param>
    public FeatureSource(UserView user, long now)
        : this(user, in NoItem, [], now)
    {
    }

    /// <summary>A source for features of an item, alone or with the user.</summary>
    /// <param name="user">The user; <see cref="UserView.Nobody"/> for features of items alone.</param>
    /// <param name="row">Scalar columns of the item.</param>
    /// <param name="content">Its content vector.</param>
    /// <param name="now">Time of the request, unix milliseconds.</param>
    public FeatureSource(UserView user, ref readonly ItemRow row, ReadOnlySpan<float> content, long now)
    {
        User = user;
        Row = ref row;
        Content = content;
        Now = now;
    }

    /// <summary>The user.</summary>
    public UserView User { get; }

    /// <summary>Scalar columns of the item.</summary>
    public readonly ref readonly ItemRow Row;

    /// <summary>Content vector of the item.</summary>
    public ReadOnlySpan<float> Content { get; }

    /// <summary>Time of the request, unix milliseconds.</summary>
    public long Now { get; }
}
