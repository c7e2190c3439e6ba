namespace KgOrleans.Inference.Features;

/// <summary>How many elements a feature has.</summary>
public enum FeatureWidth
{
    /// <summary>One.</summary>
    One,

    /// <summary>As many as a content vector has components.</summary>
    Content,

    /// <summary>As many as there are event types.</summary>
    EventTypes,

    /// <summary>As many as its input has: lists are cut or padded with zeros, and have an input of their own.</summary>
    List,
}
