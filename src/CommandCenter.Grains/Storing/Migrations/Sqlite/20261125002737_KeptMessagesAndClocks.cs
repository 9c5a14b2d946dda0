using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CommandCenter.Grains.Storing.Migrations.Sqlite
{
    /// <inheritdoc />
    internal partial class KeptMessagesAndClocks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "message",
                table: "rejections",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "kept_messages",
                columns: table => new
                {
                    seq = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    id = table.Column<string>(type: "TEXT", nullable: true),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    topic = table.Column<string>(type: "TEXT", nullable: false),
                    format = table.Column<string>(type: "TEXT", nullable: true),
                    retained = table.Column<bool>(type: "INTEGER", nullable: false),
                    size = table.Column<int>(type: "INTEGER", nullable: false),
                    payload = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_kept_messages", x => x.seq);
                });

            migrationBuilder.CreateTable(
                name: "wrong_clocks",
                columns: table => new
                {
                    device = table.Column<string>(type: "TEXT", nullable: false),
                    offset_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    since_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_at = table.Column<long>(type: "INTEGER", nullable: false),
                    count = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_wrong_clocks", x => x.device);
                });

            migrationBuilder.CreateIndex(
                name: "IX_rejections_message",
                table: "rejections",
                column: "message");

            migrationBuilder.CreateIndex(
                name: "IX_kept_messages_id",
                table: "kept_messages",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_kept_messages_seq_size",
                table: "kept_messages",
                columns: new[] { "seq", "size" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "kept_messages");

            migrationBuilder.DropTable(
                name: "wrong_clocks");

            migrationBuilder.DropIndex(
                name: "IX_rejections_message",
                table: "rejections");

            migrationBuilder.DropColumn(
                name: "message",
                table: "rejections");
        }
    }
}
