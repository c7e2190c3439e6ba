using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference.Features;

/// <summary>What features are filled from: the user, one item and the request.</summary>
public readonly ref struct FeatureSource
{
    private static readonly ItemRow NoItem = new() { PublishedAt = long.MinValue, DurationSeconds = float.NaN, Quality = float.NaN };

    /// <summary>A source for features of users and requests.</summary>
    /// <param name="user">The user.</param>
    /// <param name="request">The request.</param>
    public FeatureSource(UserView user, RequestContext request)
        : this(user, in NoItem, [], request)
    {
    }

    /// <summary>A source for features of an item, alone or with the user.</summary>
    /// <param name="user">The user; <see cref="UserView.Nobody"/> for features of items alone.</param>
    /// <param name="row">Scalar columns of the item.</param>
    /// <param name="content">Its content vector.</param>
    /// <param name="request">The request; its default for features of items alone.</param>
    public FeatureSource(UserView user, ref readonly ItemRow row, ReadOnlySpan<float> content, RequestContext request)
    {
        User = user;
        Row = ref row;
        Content = content;
        Request = request;
    }

    /// <summary>The user.</summary>
    public UserView User { get; }

    /// <summary>Scalar columns of the item.</summary>
    public readonly ref readonly ItemRow Row;

    /// <summary>Content vector of the item.</summary>
    public ReadOnlySpan<float> Content { get; }

    /// <summary>Dot product of the fitted vectors of user and item; 0 where there are no factors.</summary>
    public float FactorScore { get; init; }

    /// <summary>Time of the request, unix milliseconds.</summary>
    public long Now => Request.Now;

    /// <summary>The request.</summary>
    public RequestContext Request { get; }
}
