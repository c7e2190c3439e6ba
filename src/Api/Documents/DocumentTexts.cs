namespace KgOrleans.Api.Documents;

/// <summary>Routes of one kind of document, and how the API's documentation describes them.</summary>
internal sealed record DocumentTexts
{
    /// <summary>Route of all documents, as in <c>/v1/items</c>.</summary>
    public required string Route { get; init; }

    /// <summary>Name of the id, in the route and in the document.</summary>
    public required string IdField { get; init; }

    /// <summary>Heading that the endpoints stand under.</summary>
    public required string Tag { get; init; }

    public required OperationTexts Get { get; init; }

    public required OperationTexts Put { get; init; }

    public required OperationTexts Patch { get; init; }

    public required OperationTexts Delete { get; init; }

    public required OperationTexts Upload { get; init; }

    /// <summary>A document.</summary>
    public required string Example { get; init; }

    /// <summary>A merge patch.</summary>
    public required string PatchExample { get; init; }
}
