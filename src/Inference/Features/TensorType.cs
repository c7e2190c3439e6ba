namespace KgOrleans.Inference.Features;

/// <summary>Element type of an input: <c>float</c> for dense values, <c>int64</c> for ids.</summary>
public enum TensorType
{
    /// <summary>32-bit floating point.</summary>
    Float,

    /// <summary>64-bit integer: an index into a vocabulary, 0 for an id that is absent or unknown.</summary>
    Int64,
}
