using Essaim.Storage.Sqlite;

namespace Essaim.Storage.Tests.Sqlite;

public sealed class SqliteMetadataStoreTests : MetadataStoreConformance
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-storage-");

    private protected override ValueTask<IMetadataStore> OpenAsync() =>
        ValueTask.FromResult<IMetadataStore>(SqliteMetadataStore.Open(Path.Combine(_folder.FullName, "metadata.db"), Time));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }
}
