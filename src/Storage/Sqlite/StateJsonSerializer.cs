using System.Text.Json;
using Orleans.Storage;

namespace KgOrleans.Storage.Sqlite;

/// <summary>States as System.Text.Json documents in UTF-8, web defaults (camelCase, case-insensitive) unless told otherwise.</summary>
/// <remarks>
/// Orleans' own SystemTextJsonGrainStorageSerializer takes its options from dependency injection and fixes PascalCase with fields; states written here are
/// also read outside a silo, by <see cref="SqliteStateReader"/>, with nothing but <see cref="JsonSerializerOptions"/>.
/// </remarks>
/// <param name="options">Options to use; null for web defaults.</param>
public sealed class StateJsonSerializer(JsonSerializerOptions? options = null) : IGrainStorageSerializer
{
    private readonly JsonSerializerOptions _options = options ?? JsonSerializerOptions.Web;

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(input, _options));

    /// <inheritdoc/>
    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, _options);
}
