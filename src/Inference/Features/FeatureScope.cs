namespace KgOrleans.Inference.Features;

/// <summary>What a feature is made from, and so which graphs may use it.</summary>
public enum FeatureScope
{
    /// <summary>The user alone. One row per request; user tower and ranker.</summary>
    User,

    /// <summary>The request's time and context. One row per request; ranker only.</summary>
    Context,

    /// <summary>What an item's document says. One row per item; item tower and ranker.</summary>
    Item,

    /// <summary>What changes about an item: age and counters. One row per item; ranker only.</summary>
    Dynamic,

    /// <summary>User and item together. One row per item; ranker only.</summary>
    Cross,
}
