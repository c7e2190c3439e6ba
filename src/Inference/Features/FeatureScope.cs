namespace KgOrleans.Inference.Features;

/// <summary>What a feature is made from, which decides the graphs that may use it.</summary>
public enum FeatureScope
{
    /// <summary>The user alone. One row for the request; user tower and ranker.</summary>
    User,

    /// <summary>The time and context of the request. One row for the request; ranker only.</summary>
    Context,

    /// <summary>The document of an item. One row for each item; item tower and ranker.</summary>
    Item,

    /// <summary>What changes about an item: age and counters. One row for each item; ranker only.</summary>
    Dynamic,

    /// <summary>User and item together. One row for each item; ranker only.</summary>
    Cross,
}
