namespace KgOrleans.Inference.Bundles;

/// <summary>The file of a vocabulary: one id on each line, as 16 hex digits of its key.</summary>
/// <param name="File">Path within the bundle, as in <c>vocab/song.txt</c>.</param>
/// <param name="Size">Number of ids.</param>
public sealed record VocabularyFile(string File, int Size);
