using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Interfaces;

/// <summary>How a write ended. An expected outcome is a result, never an exception.</summary>
public enum WriteStatus : byte
{
    /// <summary>Durable, and new.</summary>
    Created = 0,

    /// <summary>Durable, and replaced or merged into what was there; or deleted.</summary>
    Updated = 1,

    /// <summary>There is nothing to patch or delete.</summary>
    NotFound = 2,

    /// <summary>The version that the write names is not the current one.</summary>
    VersionMismatch = 3,

    /// <summary>The document breaks rules: see the errors.</summary>
    Invalid = 4,

    /// <summary>
    /// The write contradicts what is there: the id is taken by a document of another world or by another id with the same 64-bit key, or a limit is reached.
    /// </summary>
    Conflict = 5,

    /// <summary>Not done, for a passing reason; the same call may succeed later.</summary>
    Unavailable = 6,
}

/// <summary>Result of one write.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Version">Version after the write: the ETag; 0 when nothing was written.</param>
/// <param name="Errors">Reasons; empty after a success.</param>
[GenerateSerializer, Immutable, Alias("kg.WriteResult")]
public sealed record WriteResult([property: Id(0)] WriteStatus Status, [property: Id(1)] long Version, [property: Id(2)] WireFieldError[] Errors)
{
    /// <summary>Whether the write is durable.</summary>
    public bool Succeeded => Status is WriteStatus.Created or WriteStatus.Updated;

    /// <summary>A refusal with one reason.</summary>
    public static WriteResult Refused(WriteStatus status, string field, string code, string message) =>
        new(status, 0, [new WireFieldError(field, code, message)]);

    /// <summary>A refusal of an invalid document.</summary>
    public static WriteResult Invalid(IReadOnlyList<FieldError> errors) =>
        new(WriteStatus.Invalid, 0, [.. errors.Select(e => new WireFieldError(e.Field, e.Code, e.Message))]);
}

/// <summary><see cref="FieldError"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("kg.WireFieldError")]
public sealed record WireFieldError([property: Id(0)] string Field, [property: Id(1)] string Code, [property: Id(2)] string Message);
