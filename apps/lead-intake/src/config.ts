import { Type } from 'class-transformer';
import { IsInt, IsString, Min } from 'class-validator';

export class LeadIntakeConfig {
  /** Where uploads wait, encrypted, until their rows are taken in. */
  @IsString() AVTALA_UPLOADS_DIR = '.data/uploads';
  /** Largest file, in bytes; above it 413. */
  @Type(() => Number) @IsInt() @Min(1000) AVTALA_UPLOAD_LIMIT = 250 * 1024 * 1024;
}
