// CommonJS packages that require() Nest fail in jest's ESM mode unless these were imported first.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
