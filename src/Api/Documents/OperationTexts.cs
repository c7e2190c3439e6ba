namespace KgOrleans.Api.Documents;

/// <summary>How the API's documentation describes an endpoint.</summary>
/// <param name="Name">Stable id of the operation.</param>
/// <param name="Summary">What it does, in one line.</param>
/// <param name="Description">What else a caller must know.</param>
internal sealed record OperationTexts(string Name, string Summary, string Description);
