namespace KgOrleans.Inference.RankLogs;

/// <summary>Element type of a column.</summary>
public enum RankLogType
{
    /// <summary>32-bit floating point.</summary>
    Float,

    /// <summary>64-bit integer; keys are their bits.</summary>
    Int64,

    /// <summary>Byte.</summary>
    Uint8,
}
