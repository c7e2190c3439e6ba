namespace KgOrleans.Api.Hosting;

/// <summary>The configuration does not allow a start. The message is for the operator and holds no secrets.</summary>
/// <param name="message">What is wrong, with the names of the settings.</param>
public sealed class StartRefusedException(string message) : Exception(message);
