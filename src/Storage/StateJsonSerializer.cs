using System.Text.Json;
using Orleans.Storage;

namespace KgOrleans.Storage;

/// <summary>States as System.Text.Json documents in UTF-8, web defaults (camelCase, case-insensitive) unless told otherwise.</summary>
/// <remarks>
/// Orleans' own SystemTextJsonGrainStorageSerializer takes its options from dependency injection and fixes PascalCase with fields; states written here are
/// also read outside a silo, by <see cref="Sqlite.SqliteStateReader"/>, with nothing but <see cref="JsonSerializerOptions"/>.
/// A document that cannot be read is a <see cref="StorageException"/> that is not transient: the caller must not be told to try again.
/// </remarks>
/// <param name="options">Options to use; null for web defaults.</param>
/// <param name="standIn">
/// Makes the state that a grain gets in place of one that cannot be read, so that it can be erased; null, or a null result, for states that nobody erases: then
/// the grain does not start.
/// </param>
public sealed class StateJsonSerializer(JsonSerializerOptions? options = null, Func<Type, StorageException, object?>? standIn = null)
    : IGrainStorageStreamingSerializer
{
    private readonly JsonSerializerOptions _options = options ?? JsonSerializerOptions.Web;

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(input, _options));

    /// <inheritdoc/>
    public T? Deserialize<T>(BinaryData input)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(input.ToMemory().Span, _options);
        }
        catch (JsonException exception)
        {
            return StandIn<T>(Unreadable<T>(exception));
        }
    }

    /// <summary>The state in place of one that is stored and cannot be read; throws why when there is none.</summary>
    public T StandIn<T>(StorageException why) => standIn?.Invoke(typeof(T), why) is T state ? state : throw why;

    /// <inheritdoc/>
    public async ValueTask SerializeAsync<T>(T? input, Stream destination, CancellationToken cancellationToken = default) =>
        await JsonSerializer.SerializeAsync(destination, input, _options, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<T?> DeserializeAsync<T>(Stream input, CancellationToken cancellationToken = default)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(input, _options, cancellationToken);
        }
        catch (JsonException exception)
        {
            return StandIn<T>(Unreadable<T>(exception));
        }
    }

    private static StorageException Unreadable<T>(JsonException exception) =>
        new(
            $"The stored state is not a valid {typeof(T).Name} document: {exception.Message} Restore it from a backup, or delete it.", isTransient: false,
            exception);
}
