namespace KgOrleans.Lab.Evaluate;

/// <summary>A scene that an evaluation asks.</summary>
/// <param name="Label">Name in the table.</param>
/// <param name="Scene">Scene to ask.</param>
/// <param name="Document">Document that is written first; null asks the scene as the service has it.</param>
internal sealed record HistoryScene(string Label, string Scene, string? Document);
