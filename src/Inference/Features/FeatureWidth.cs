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

    /// <summary>As many as its input: a list is cut, or padded with zeros, and has an input of its own.</summary>
    List,
}
